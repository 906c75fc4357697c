"""What is dropped on a page: tables and scans."""
