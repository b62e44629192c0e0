"""The look: base templates, design tokens, components, icons, translations."""
