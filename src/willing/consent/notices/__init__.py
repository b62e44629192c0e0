"""The shipped texts, PURPOSE.READER.LANGUAGE.md; `consent.decisions.publish_notices` publishes them."""
