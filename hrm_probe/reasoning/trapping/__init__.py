"""Are failing runs trapped, where, and does anything get them out?"""
