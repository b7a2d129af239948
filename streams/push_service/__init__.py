"""Sending web push: resolve, sign, encrypt, post, try again."""
