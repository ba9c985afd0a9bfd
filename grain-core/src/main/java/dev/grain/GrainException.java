package dev.grain;

import org.jspecify.annotations.Nullable;

/** The superclass of all exceptions that Grain throws, except for misuse. All are unchecked. */
public abstract sealed class GrainException extends RuntimeException
    permits CommandException,
        EncodingException,
        GrainInterruptedException,
        GroupCancelledException,
        IsolatedJvmException,
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
