"""How often is a model right?"""
