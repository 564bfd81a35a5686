"""A deployment made from an artifact: the files of a bundle, and the trial of one."""
