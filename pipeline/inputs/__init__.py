"""What comes in: finding scans, whose they are, reading NIfTI and DICOM, telling FLAIR from the rest."""
