"""Dated stories, replayed through the code of the real run and held against what must follow."""
