"""A cluster of OpenSearch as the search engine, by its address; an optional extra."""
