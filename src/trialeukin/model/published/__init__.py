"""Models of others as they were published, one file each; none of them is a model of this project."""
