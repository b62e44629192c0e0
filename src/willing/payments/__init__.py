"""Money by the bank: what families pay in, what the school pays out, and whose account it is.

Accounts and what a bank writes about its bookings lie here and nowhere else, sealed. No till, no terminal, no
part of the face engine and no caller of the API imports this room.
"""
