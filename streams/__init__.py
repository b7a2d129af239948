"""What is decided: rules, agents, the sink and push."""
