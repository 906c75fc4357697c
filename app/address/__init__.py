"""The address of a page: what a link asks for, said where it cannot be given, and which content it was made from."""
