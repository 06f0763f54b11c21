"""The site for a WSGI server: `granian --interface wsgi answerable.site.wsgi:application`."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.site.settings")
application = get_wsgi_application()

# Nobody waits for the first page while the pages are loaded. And what stays for good is not searched for garbage again:
# on some page or other that takes longer than the page.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
