"""One thing made ready to be looked at: a case, its document, a picture, a workbook."""
