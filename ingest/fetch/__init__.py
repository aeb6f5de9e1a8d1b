"""From a URL to a page. In: a URL and the rules of politeness. Out: a page of bounded size, or an error with a code."""
