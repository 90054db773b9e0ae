// SPDX-License-Identifier: GPL-2.0-only
// See program.h. A static ELF file; the zeros that follow it on the disk are not looked at.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "conformance/agent/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH "/tmp/program"

int program_is(const char *image)
{
	return memcmp(image, "\177ELF", 4) == 0;
}

static int store(const char *image, size_t size)
{
	int fd = open(PATH, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700), error = 0;
	ssize_t put;

	if (fd < 0)
		return errno;
	for (; size && !error; image += put, size -= (size_t)put) {
		put = write(fd, image, size);
		if (put < 0) {
			error = errno;
			put = 0;
		}
	}
	close(fd);
	return error;
}

int program_run(const char *image, size_t size, const char *directory, FILE *log)
{
	int status = 0, error = store(image, size);
	pid_t child;

	if (error)
		return error;
	fflush(log);
	child = fork();
	if (child == 0) {
		if (dup2(fileno(log), STDOUT_FILENO) >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0)
			execl(PATH, "program", directory, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return errno;
	if (WIFSIGNALED(status))
		fprintf(log, "program signal %d\n", WTERMSIG(status));
	else
		fprintf(log, "program exit %d\n", WEXITSTATUS(status));
	return 0;
}
