"""A person's data, who may read it, and the job that deletes what is past its retention period."""
