"""Words and regular expressions, looked for in contents and in the space between them."""
