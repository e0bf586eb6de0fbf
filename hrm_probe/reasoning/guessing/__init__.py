"""Does asking again, or in other words, solve more?"""
