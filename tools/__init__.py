"""What developers run beside the tests: new migrations, the tables of the documentation, its pictures."""
