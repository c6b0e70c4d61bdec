"""What a study looks like: as text, and as HTML that needs neither kernel nor scripts."""
