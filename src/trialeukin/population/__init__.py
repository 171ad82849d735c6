"""Virtual patients: who they are, what they carry, and which of their doses are never given."""
