"""Forms by fields: what they show of a text, and the text that they write."""
