"""The recipe of the demonstration disk. Run by developers: python -m resources.demo.make_demo."""
