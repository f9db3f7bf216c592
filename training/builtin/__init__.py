"""The encoder that ships: static multilingual token vectors, trained on two cores from open data."""
