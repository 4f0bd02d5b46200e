/*
 * One end of an NTLM conversation by gss-ntlmssp, behind MIT's mechanism glue.
 *
 *   peer accept MECHANISM [BINDINGS]
 *   peer initiate MECHANISM TARGET FLAGS [BINDINGS [NAME PASSWORD]]
 *
 * MECHANISM is ntlm, or spnego for MIT's SPNEGO with NTLM in it. FLAGS is decimal (GSS_C_*), BINDINGS is hexadecimal application data or "-",
 * NAME is DOMAIN\user; without it the default credentials of NTLM_USER_FILE
 * are used. Requests come on standard input, each an operation, the length of
 * its data in four bytes (little endian) and the data; the answers go to
 * standard output: major status, minor status, length, data.
 *
 *   s  step: a token of the other side; answers our token
 *   w  wrap with confidentiality      W  wrap without
 *   u  unwrap                         m  get a MIC
 *   v  verify a MIC: 16 bytes of MIC, then the message
 *   k  the session key                n  the initiator's name (acceptor)
 *   f  the flags of the context, four bytes
 *   r  say, after the first step, that a MIC is wanted in AUTHENTICATE; a
 *      caller that is no SPNEGO gets none otherwise
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_ntlmssp.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gss_OID_desc ntlmssp_oid = {GSS_NTLMSSP_OID_LENGTH, (void *)GSS_NTLMSSP_OID_STRING};
static gss_OID_desc require_mic_oid = {GSS_SPNEGO_REQUIRE_MIC_OID_LENGTH,
				       (void *)GSS_SPNEGO_REQUIRE_MIC_OID_STRING};
static gss_OID_desc spnego_oid = {6, (void *)"\053\006\001\005\005\002"};
static gss_OID_set_desc ntlmssp_only = {1, &ntlmssp_oid};
static gss_OID_set_desc spnego_only = {1, &spnego_oid};

static gss_ctx_id_t context = GSS_C_NO_CONTEXT;
static gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
static gss_name_t target = GSS_C_NO_NAME;
static gss_name_t initiator_name = GSS_C_NO_NAME;
static struct gss_channel_bindings_struct bindings;
static gss_channel_bindings_t bound = GSS_C_NO_CHANNEL_BINDINGS;
static OM_uint32 request_flags, granted_flags, minor;
static int accepts, negotiates;

static void fail(const char *what, OM_uint32 major)
{
	fprintf(stderr, "peer: %s: %08x %08x\n", what, (unsigned)major, (unsigned)minor);
	exit(2);
}

static void put_number(uint32_t number)
{
	unsigned char bytes[4] = {(unsigned char)number, (unsigned char)(number >> 8),
				  (unsigned char)(number >> 16), (unsigned char)(number >> 24)};
	if (fwrite(bytes, 1, 4, stdout) != 4)
		exit(3);
}

static void answer(OM_uint32 major, const void *data, size_t length)
{
	put_number(major);
	put_number(minor);
	put_number((uint32_t)length);
	if (length != 0 && fwrite(data, 1, length, stdout) != length)
		exit(3);
	fflush(stdout);
}

static void answer_buffer(OM_uint32 major, gss_buffer_t buffer)
{
	OM_uint32 ignored;

	answer(major, buffer->value, GSS_ERROR(major) ? 0 : buffer->length);
	gss_release_buffer(&ignored, buffer);
}

static gss_name_t import(const char *text, gss_OID type)
{
	gss_buffer_desc buffer = {strlen(text), (void *)text};
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major = gss_import_name(&minor, &buffer, type, &name);

	if (GSS_ERROR(major))
		fail("gss_import_name", major);
	return name;
}

static void bind(const char *hexadecimal)
{
	size_t index, length = strlen(hexadecimal) / 2;
	unsigned char *data;
	unsigned byte;

	if (strcmp(hexadecimal, "-") == 0)
		return;
	data = malloc(length + 1);
	if (data == NULL)
		exit(3);
	for (index = 0; index < length; index++) {
		if (sscanf(hexadecimal + 2 * index, "%2x", &byte) != 1)
			exit(2);
		data[index] = (unsigned char)byte;
	}
	bindings.application_data.value = data;
	bindings.application_data.length = length;
	bound = &bindings;
}

static void acquire(const char *name, const char *password)
{
	gss_OID_set mechanisms = negotiates ? &spnego_only : &ntlmssp_only;
	OM_uint32 major;

	if (name != NULL) {
		gss_buffer_desc secret = {strlen(password), (void *)password};

		major = gss_acquire_cred_with_password(&minor, import(name, GSS_C_NT_USER_NAME), &secret,
						       GSS_C_INDEFINITE, mechanisms, GSS_C_INITIATE,
						       &credential, NULL, NULL);
	} else {
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, mechanisms,
					 accepts ? GSS_C_ACCEPT : GSS_C_INITIATE, &credential, NULL, NULL);
	}
	if (GSS_ERROR(major))
		fail("gss_acquire_cred", major);
	if (negotiates)
		major = gss_set_neg_mechs(&minor, credential, &ntlmssp_only);
	if (GSS_ERROR(major))
		fail("gss_set_neg_mechs", major);
}

static void step(gss_buffer_t token)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major;

	if (accepts) {
		OM_uint32 ignored;

		/* Only the last leg knows the name. */
		gss_release_name(&ignored, &initiator_name);
		major = gss_accept_sec_context(&minor, &context, credential, token, bound, &initiator_name, NULL,
					       &output, &granted_flags, NULL, NULL);
	} else {
		major = gss_init_sec_context(&minor, credential, &context, target,
					     negotiates ? &spnego_oid : &ntlmssp_oid, request_flags, 0, bound, token, NULL, &output, &granted_flags, NULL);
	}
	answer_buffer(major, &output);
}

static void wrap(gss_buffer_t data, int confidential)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_wrap(&minor, context, confidential, GSS_C_QOP_DEFAULT, data, NULL, &output);

	answer_buffer(major, &output);
}

static void unwrap(gss_buffer_t data)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_unwrap(&minor, context, data, &output, NULL, NULL);

	answer_buffer(major, &output);
}

static void get_mic(gss_buffer_t data)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, data, &output);

	answer_buffer(major, &output);
}

static void verify_mic(gss_buffer_t request)
{
	gss_buffer_desc mic = {16, request->value};
	gss_buffer_desc data;

	if (request->length < 16)
		exit(2);
	data.length = request->length - 16;
	data.value = (char *)request->value + 16;
	answer(gss_verify_mic(&minor, context, &data, &mic, NULL), NULL, 0);
}

static void inquire(gss_OID what)
{
	gss_buffer_set_t found = GSS_C_NO_BUFFER_SET;
	OM_uint32 major = gss_inquire_sec_context_by_oid(&minor, context, what, &found);
	OM_uint32 ignored;

	if (GSS_ERROR(major) || found == GSS_C_NO_BUFFER_SET || found->count == 0)
		answer(major, NULL, 0);
	else
		answer(major, found->elements[0].value, found->elements[0].length);
	gss_release_buffer_set(&ignored, &found);
}

static void name_of_initiator(void)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_display_name(&minor, initiator_name, &text, NULL);

	answer_buffer(major, &text);
}

static int serve(void)
{
	unsigned char head[5];
	gss_buffer_desc data;

	while (fread(head, 1, 5, stdin) == 5) {
		data.length = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
		data.value = malloc(data.length + 1);
		if (data.value == NULL || fread(data.value, 1, data.length, stdin) != data.length)
			return 3;
		minor = 0;
		switch (head[0]) {
		case 's': step(&data); break;
		case 'w': wrap(&data, 1); break;
		case 'W': wrap(&data, 0); break;
		case 'u': unwrap(&data); break;
		case 'm': get_mic(&data); break;
		case 'v': verify_mic(&data); break;
		case 'k': inquire(GSS_C_INQ_SSPI_SESSION_KEY); break;
		case 'r': inquire(&require_mic_oid); break;
		case 'n': name_of_initiator(); break;
		case 'f': answer(0, &granted_flags, sizeof granted_flags); break;
		default: return 2;
		}
		free(data.value);
	}
	return 0;
}

int main(int count, char **arguments)
{
	/* gss-ntlmssp compares names in the charset of the locale. */
	setlocale(LC_ALL, "C.UTF-8");
	negotiates = count >= 3 && strcmp(arguments[2], "spnego") == 0;
	if (count >= 3 && strcmp(arguments[1], "accept") == 0) {
		accepts = 1;
		if (count > 3)
			bind(arguments[3]);
		acquire(NULL, NULL);
	} else if (count >= 5 && strcmp(arguments[1], "initiate") == 0) {
		target = import(arguments[3], GSS_C_NT_HOSTBASED_SERVICE);
		request_flags = (OM_uint32)strtoul(arguments[4], NULL, 10);
		if (count > 5)
			bind(arguments[5]);
		acquire(count > 7 ? arguments[6] : NULL, count > 7 ? arguments[7] : NULL);
	} else {
		fprintf(stderr, "usage: peer accept MECHANISM [BINDINGS]\n"
				"       peer initiate MECHANISM TARGET FLAGS [BINDINGS [NAME PASSWORD]]\n");
		return 2;
	}
	return serve();
}
