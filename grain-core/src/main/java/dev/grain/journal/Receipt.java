package dev.grain.journal;

import java.io.IOException;

/** Is told what became of an entry: one of both, once. Called by the journal's thread. */
public interface Receipt {
  /** A receipt that nobody wants. */
  Receipt NONE =
      new Receipt() {
        @Override
        public void written() {}

        @Override
        public void notWritten(IOException why) {}
      };

  /** It is in the file, and outlives a crash of the machine. */
  void written();

  /** It may not be in the file, and nothing after it will be. */
  void notWritten(IOException why);
}
