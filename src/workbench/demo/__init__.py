"""The known-truth company: made-up files of a slightly messy shop, and the laws they were drawn from."""

from workbench.demo.write import DEMO_VERSION, write_company

__all__ = ["DEMO_VERSION", "write_company"]
