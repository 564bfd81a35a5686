"""A model told in one page: what it is for, how well it does, where it comes from."""
