package dev.grain.head;

import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import java.util.function.Consumer;

/** Where the head finds the logins of one run that nodes ask for. */
public interface LoginLibrary {
  /** The library of a run without logins. */
  LoginLibrary NONE =
      new LoginLibrary() {
        @Override
        public boolean covers(Message.Service service, String target) {
          return false;
        }

        @Override
        public void find(Message.Service service, String target, Consumer<LoginResult> answer) {
          answer.accept(new LoginResult.None());
        }
      };

  /** Returns whether there is a login for the target; reads no secret, and does not block. */
  boolean covers(Message.Service service, String target);

  /**
   * Reads a login, without blocking the caller.
   *
   * @param answer to be called once, on any thread
   */
  void find(Message.Service service, String target, Consumer<LoginResult> answer);
}
