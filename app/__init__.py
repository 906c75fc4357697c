"""What people touch: the Streamlit pages and the `mscohort` command line."""
