"""The compliance pack: an Interlock app that tags personal data."""
