"""What is kept, and nothing of it readable: companies, agents, authentications, the journal."""
