"""Do cells follow from each other as logic has it, and what becomes of wrong guesses?"""
