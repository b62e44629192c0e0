"""References, enrolment, face sessions, search and erasure. The only room that imports willing.face."""
