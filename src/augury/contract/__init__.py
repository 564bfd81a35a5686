"""The contract: the fields that a record must have and the policies about them."""
