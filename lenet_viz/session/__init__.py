"""The window's state as one frozen value, and the verbs that replace it."""
