"""When do answers come: at once or bit by bit, at which segment, at which update?"""
