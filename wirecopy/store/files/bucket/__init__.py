"""The store on a bucket: objects that are replaced by a conditional PUT, and PostgreSQL for turns and logs."""
