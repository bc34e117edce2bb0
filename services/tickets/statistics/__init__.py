"""What many reports come to, in sums. Every report counts, the confidential ones too; none can be told from a sum."""
