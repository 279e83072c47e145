"""The state of Papercord, and what it stores of people: /about, /privacy."""
