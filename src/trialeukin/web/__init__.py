"""The same verbs behind HTTP: pages for people, and an interface for programs."""
