"""What is seen: Streamlit pages over ClickHouse views."""
