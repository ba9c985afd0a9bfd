package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file could not be used, as the end of a sentence without its period. */
final class Reasons {
  private Reasons() {}

  static String of(IOException e) {
    String file = e instanceof FileSystemException failure ? failure.getFile() : "";
    return switch (e) {
      case NoSuchFileException _ -> file + " does not exist";
      case AccessDeniedException _ -> "access to " + file + " is denied";
      case DirectoryNotEmptyException _ -> file + " is used by minions; stop them first";
      case FileAlreadyExistsException _ -> file + " exists already";
      case FileSystemException failure when failure.getReason() != null ->
          file + ": " + failure.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
