package dev.grain.job;

import org.jspecify.annotations.Nullable;

/** The root of everything that Grain itself throws, misuse apart; all of it is unchecked. */
public abstract sealed class GrainException extends RuntimeException
    permits EncodingException,
        GrainInterruptedException,
        GroupCancelledException,
        JobException,
        JournalException,
        MapException,
        NoWorkersException,
        RemoteException,
        SubtaskFailedException {
  private static final long serialVersionUID = 1;

  GrainException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
