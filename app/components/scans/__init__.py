"""Parts of the pages that show or measure scans."""
