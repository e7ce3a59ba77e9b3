"""How a new version gets in: steps, the strategies that yield them, and the runner that does and undoes them."""
