"""What `text` and `rendered` are made of: pages that were saved as text from a browser."""
