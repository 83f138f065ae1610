"""What one sees: each panel draws itself from the state it is given."""
