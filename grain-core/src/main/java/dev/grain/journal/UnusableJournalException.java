package dev.grain.journal;

import java.io.IOException;

/** Why a journal is not opened, in a sentence for the user. */
final class UnusableJournalException extends IOException {
  private static final long serialVersionUID = 1;

  UnusableJournalException(String message) {
    super(message);
  }
}
