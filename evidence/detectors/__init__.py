"""What is looked for inside content: one file for each kind, each find validated as far as its form allows."""
