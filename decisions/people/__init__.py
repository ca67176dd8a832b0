"""企业主要人员: whom the text may count, how many of each kind, and who leads (regulations E1-E13).

From the people of an applicant (`workforce`), their insurance and certificates, to cells that are
counted once for all cases (`cells`), head counts (`headcount`), people whom two groups want
(`conflicts`, `heads`), and the technical leader with the works he led (`lead`, `lead_works`).
"""
