"""The shipped texts, PURPOSE.READER.LANGUAGE.md; `consent.actions.publish_notices` publishes them."""
