"""What is wrong with a bucket that cannot be used, and the next step."""

from __future__ import annotations

import re
from typing import Final

CREDENTIALS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
CLOUDS: Final = {"s3": "Amazon S3", "gs": "Google Cloud Storage", "az": "Azure"}
REFUSED: Final = re.compile(r"\b40[13] (Forbidden|Unauthorized)|lacked the necessary privileges|InvalidAccessKeyId")
METADATA: Final = re.compile(r"169\.254\.169\.254|metadata\.google|instance metadata", re.IGNORECASE)
CODE: Final = re.compile(r"<Code>(\w+)</Code>")
SHOWN: Final = 200  # characters of what the library says


def explain(url: str, endpoint: str, error: Exception) -> str:
    """A sentence for what the library raised when it asked the bucket *url* at *endpoint* ("": the cloud's own)."""
    scheme, _, rest = url.partition("://")
    text = str(error)
    said, server = _shown(text), endpoint or CLOUDS[scheme]
    if "NoSuchBucket" in text:
        return f"There is no bucket {rest.split('/')[0]} at {server}. Make it, or mend store_url."
    if METADATA.search(text):
        return f"There are no credentials for {url}: set {CREDENTIALS[scheme]}, or give this machine a role."
    if REFUSED.search(text):
        return (
            f"{server} refuses the credentials for {url} ({said}): set {CREDENTIALS[scheme]} of an account that may "
            "read, write, list and delete there."
        )
    if "error sending request" in text:
        where = "AWS_ENDPOINT_URL" if scheme == "s3" else "the network"
        return f"{url}: {server} does not answer ({said}). Start it, or look at {where}, and run again."
    return f"{url} cannot be used: {server} says {said}. Nothing that was there has changed: mend it, and run again."


def _shown(text: str) -> str:
    """The server's own code, or the beginning of what the library says."""
    if code := CODE.search(text):
        return code[1]
    return " ".join(text.split("Debug source:")[0].split())[:SHOWN].rstrip(".")
